// Runs a WASI command module once for each document of a file, in one Node process.
//
//   node run.mjs MODULE DOCUMENTS VERDICTS
//
// DOCUMENTS holds one JSON document a line; VERDICTS gets one line each: {"status", "verdict", "errors"}.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv } from "node:process";
import { WASI } from "node:wasi";

const [, , modulePath, documentsPath, verdictsPath] = argv;
const module = await WebAssembly.compile(readFileSync(modulePath));
const folder = mkdtempSync(join(tmpdir(), "palisade-"));
const paths = ["stdin", "stdout", "stderr"].map((name) => join(folder, name));

async function run(document) {
  writeFileSync(paths[0], document);
  const files = paths.map((path, number) => openSync(path, number === 0 ? "r" : "w"));
  const wasi = new WASI({
    version: "preview1",
    args: ["palisade", "evaluate"],
    stdin: files[0],
    stdout: files[1],
    stderr: files[2],
    returnOnExit: true,
  });
  const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
  const status = wasi.start(instance) ?? 0;
  files.forEach((file) => closeSync(file));
  const [verdict, errors] = paths.slice(1).map((path) => readFileSync(path, "utf8"));
  return JSON.stringify({ status, verdict, errors });
}

const verdicts = [];
for (const document of readFileSync(documentsPath, "utf8").split("\n")) {
  if (document !== "") verdicts.push(await run(document));
}
writeFileSync(verdictsPath, verdicts.map((line) => `${line}\n`).join(""));
rmSync(folder, { recursive: true });
