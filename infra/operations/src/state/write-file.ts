import { renameSync, writeFileSync } from "node:fs";

/** Readers see the old content or the new one. Only its owner may read the file. */
export function writeFileAtomically(file: string, text: string): void {
  const draft = `${file}.${process.pid}.draft`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}
