import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export type DataFile =
  | { readonly kind: "text"; readonly text: string }
  /** Not there, or not the one that is meant: the caller says so and goes on without it. */
  | { readonly kind: "absent"; readonly message: string };

const here = fileURLToPath(new URL(".", import.meta.url));

/** A published file by its path below `ERTIS_DATA_DIR` (or beside the repository), its checksum verified. */
export function readDataFile(path: string, sha256: string): DataFile {
  const directory = process.env["ERTIS_DATA_DIR"] ?? join(here, "../../../shared/data");
  const whole = join(directory, path);
  if (!existsSync(whole)) {
    return { kind: "absent", message: `${whole} is not there; ERTIS_DATA_DIR names its place` };
  }
  const bytes = readFileSync(whole);
  const found = createHash("sha256").update(bytes).digest("hex");
  return found === sha256
    ? { kind: "text", text: bytes.toString("utf8") }
    : {
        kind: "absent",
        message: `${whole} is another file: SHA-256 is ${found}, ${sha256} is expected`,
      };
}
