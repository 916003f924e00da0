//! A folder that only this user can read and write. Everything is opened relative to it, without following links, and
//! looked at once it is open, so that nothing can be put in between.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rustix::fs::{self, AtFlags, CWD, Dir, FileType, MemfdFlags, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::Unfit;
use crate::walk::describe_io;

/// Reading for all or writing for others: what an entry and its folder must not allow.
const OTHERS: u32 = 0o077;
/// What files are called that are being written; nothing else begins with a dot.
const UNFINISHED: &str = ".new-";
/// What a file takes at least, on most disks.
const BLOCK: u64 = 4096;
/// Longest file that is read.
const MOST_READ: u64 = super::MOST_BYTES;

#[derive(Debug)]
pub(super) struct Folder {
    opened: OwnedFd,
    /// This user.
    user: u32,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, Unfit> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let open = || fs::openat(CWD, path, flags, Mode::empty());
        let opened = match open() {
            Err(Errno::NOENT) => {
                make(path).map_err(|error| Unfit::Unreadable(describe_io(&error)))?;
                open()
            }
            opened => opened,
        };
        let opened = opened.map_err(unreadable)?;
        let user = find_user().map_err(unreadable)?;
        let stat = fs::fstat(&opened).map_err(unreadable)?;
        if stat.st_uid != user {
            return Err(Unfit::Owner);
        }
        if stat.st_mode & OTHERS != 0 {
            return Err(Unfit::Mode);
        }
        Ok(Self { opened, user })
    }

    /// The contents of a file, if it is a plain one of this user's own.
    pub(super) fn read(&self, name: &str) -> Option<Vec<u8>> {
        // Without blocking: a pipe in place of the file is seen for what it is.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened = fs::openat(&self.opened, name, flags, Mode::empty()).ok()?;
        let stat = fs::fstat(&opened).ok()?;
        if !self.is_own_file(&stat) {
            return None;
        }
        let size = u64::try_from(stat.st_size).ok()?;
        let mut bytes = Vec::with_capacity(usize::try_from(size.min(MOST_READ)).ok()?);
        let mut file = File::from(opened).take(MOST_READ);
        file.read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Writes beside the file and renames, so that nobody ever sees half of it.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        let unfinished = format!("{UNFINISHED}{name}-{}", std::process::id());
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = fs::openat(&self.opened, &*unfinished, flags, Mode::RUSR | Mode::WUSR)?;
        let written = File::from(opened).write_all(bytes).and_then(|()| {
            Ok(fs::renameat(
                &self.opened,
                &*unfinished,
                &self.opened,
                name,
            )?)
        });
        if written.is_err() {
            self.remove(&unfinished);
        }
        written
    }

    /// Removes files, the oldest first, until all together have at most `limit` bytes.
    pub(super) fn drop_oldest(&self, limit: u64) {
        let mut files = self.list();
        // The newest first; the name makes the order certain.
        files.sort_by(|one, other| other.cmp(one));
        let mut total = 0_u64;
        for (_, name, size) in files {
            total = total.saturating_add(size.next_multiple_of(BLOCK));
            if total > limit {
                self.remove(&name);
            }
        }
    }

    /// Every plain file: time of its last change, name, size.
    fn list(&self) -> Vec<((i64, i64), String, u64)> {
        let Ok(entries) = Dir::read_from(&self.opened) else {
            return Vec::new();
        };
        let mut files = Vec::new();
        for entry in entries.flatten() {
            let stat = fs::statat(&self.opened, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW);
            let (Ok(stat), Ok(name)) = (stat, entry.file_name().to_str()) else {
                continue;
            };
            if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
                let time = (
                    stat.st_mtime,
                    i64::try_from(stat.st_mtime_nsec).unwrap_or(0),
                );
                let size = u64::try_from(stat.st_size).unwrap_or(0);
                files.push((time, name.to_owned(), size));
            }
        }
        files
    }

    fn is_own_file(&self, stat: &Stat) -> bool {
        FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
            && stat.st_uid == self.user
            && stat.st_mode & OTHERS == 0
            // A second name may lie where others can write.
            && stat.st_nlink == 1
    }

    fn remove(&self, name: &str) {
        // What another process has removed is gone as well.
        let _ = fs::unlinkat(&self.opened, name, AtFlags::empty());
    }
}

fn make(path: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// The user whom files made by this process belong to: that of a file made for the purpose, in no folder.
fn find_user() -> rustix::io::Result<u32> {
    let own = fs::memfd_create("palisade", MemfdFlags::CLOEXEC)?;
    Ok(fs::fstat(own)?.st_uid)
}

fn unreadable(error: Errno) -> Unfit {
    match error {
        Errno::LOOP | Errno::NOTDIR => Unfit::Unreadable("it is no folder, or a link".to_owned()),
        _ => Unfit::Unreadable(describe_io(&error.into())),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::time::{Duration, SystemTime};

    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let around = tempfile::tempdir().unwrap();
        let folder = Folder::open(&around.path().join("deep/cache")).unwrap();
        (around, folder)
    }

    fn allow(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_is_written_is_read_and_nothing_is_left_beside_it() {
        let (around, folder) = folder();
        folder.write("a", b"one").unwrap();
        folder.write("a", b"two").unwrap();
        assert_eq!(folder.read("a").as_deref(), Some(b"two".as_slice()));
        assert_eq!(folder.read("b"), None);
        let names = std::fs::read_dir(around.path().join("deep/cache")).unwrap();
        assert_eq!(names.count(), 1);
        let meta = std::fs::metadata(around.path().join("deep/cache")).unwrap();
        assert_eq!(meta.permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_folder_that_others_may_use_or_that_is_a_link_is_refused() {
        let (around, _) = folder();
        let path = around.path().join("deep/cache");
        for mode in [0o701, 0o710, 0o740, 0o755, 0o777] {
            allow(&path, mode);
            assert!(matches!(Folder::open(&path), Err(Unfit::Mode)), "{mode:o}");
        }
        allow(&path, 0o700);
        let link = around.path().join("link");
        symlink(&path, &link).unwrap();
        assert!(matches!(Folder::open(&link), Err(Unfit::Unreadable(_))));
        std::fs::write(around.path().join("file"), "").unwrap();
        let file = Folder::open(&around.path().join("file"));
        assert!(matches!(file, Err(Unfit::Unreadable(_))));
    }

    #[test]
    fn links_pipes_folders_and_files_of_others_are_no_entries() {
        let (around, folder) = folder();
        let path = around.path().join("deep/cache");
        std::fs::write(path.join("plain"), "code").unwrap();
        allow(&path.join("plain"), 0o600);
        assert!(folder.read("plain").is_some());
        symlink(path.join("plain"), path.join("link")).unwrap();
        assert_eq!(folder.read("link"), None);
        std::fs::create_dir(path.join("folder")).unwrap();
        assert_eq!(folder.read("folder"), None);
        fs::mknodat(&folder.opened, "pipe", FileType::Fifo, Mode::RUSR, 0).unwrap();
        assert_eq!(folder.read("pipe"), None);
        allow(&path.join("plain"), 0o620);
        assert_eq!(folder.read("plain"), None);
        allow(&path.join("plain"), 0o600);
        std::fs::hard_link(path.join("plain"), around.path().join("second")).unwrap();
        assert_eq!(folder.read("plain"), None);
    }

    #[test]
    fn an_entry_of_another_user_is_none() {
        let (around, folder) = folder();
        let path = around.path().join("deep/cache/other");
        std::fs::write(&path, "code").unwrap();
        allow(&path, 0o600);
        if std::os::unix::fs::chown(&path, Some(12345), None).is_err() {
            // Only root can give files away; for others the same is seen from the other side.
            let other = Folder {
                user: folder.user + 1,
                ..folder
            };
            assert_eq!(other.read("other"), None);
            return;
        }
        assert_eq!(folder.read("other"), None);
        std::os::unix::fs::chown(path.parent().unwrap(), Some(12345), None).unwrap();
        assert!(matches!(
            Folder::open(path.parent().unwrap()),
            Err(Unfit::Owner)
        ));
    }

    #[test]
    fn the_oldest_go_first() {
        let (around, folder) = folder();
        let start = SystemTime::now();
        for (nth, name) in ["c", "a", "d", "b"].into_iter().enumerate() {
            folder.write(name, &[0; 100]).unwrap();
            let file = File::options()
                .write(true)
                .open(around.path().join("deep/cache").join(name))
                .unwrap();
            let age = Duration::from_secs(100 - nth as u64);
            file.set_modified(start - age).unwrap();
        }
        folder.drop_oldest(2 * BLOCK + 250);
        let has = |name: &str| folder.read(name).is_some();
        assert_eq!(["c", "a", "d", "b"].map(has), [false, false, true, true]);
    }
}
