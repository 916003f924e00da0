
/// Whether the mutant of this number is the one to run.
pub(crate) fn mutant(number: usize) -> bool {
    static CHOSEN: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let chosen = std::env::var("PALISADE_MUTANT").ok();
        chosen.and_then(|number| number.parse().ok()).unwrap_or(0)
    }) == number
}
