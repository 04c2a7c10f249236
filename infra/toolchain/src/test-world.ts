import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A machine of scripts, for tests: nothing of the real PATH, cache or definitions is seen. */
export class TestWorld {
  readonly directory: string = mkdtempSync(join(tmpdir(), "ertis-toolchain-"));
  readonly binDirectory: string = join(this.directory, "bin");
  readonly environment: NodeJS.ProcessEnv;

  constructor() {
    mkdirSync(this.binDirectory);
    this.environment = {
      PATH: this.binDirectory,
      HOME: this.directory,
      ERTIS_TOOLCHAIN_DIR: join(this.directory, "cache"),
      ERTIS_CRDS_DIR: join(this.directory, "crds"),
      PULUMI_HOME: join(this.directory, "pulumi"),
    };
  }

  /** A program of `/bin/sh`; it sees a PATH of this folder only, so it writes full paths. */
  addProgram(name: string, script: string, directory: string = this.binDirectory): string {
    mkdirSync(directory, { recursive: true });
    const path = join(directory, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  /**
   * A Go that "builds" by writing its arguments into the file, refuses modules, and fails for packages
   * that match `failing`. Every build adds a line to `builds`.
   */
  addGo(version: string, failing = "no package at all"): void {
    this.addProgram(
      "go",
      `case "$1 $2" in
        "env GOVERSION") echo go${version} ;;
        "mod download") echo '{"Error": "403 Forbidden"}'; exit 1 ;;
        "list -m") exit 1 ;;
        build*)
          for last; do :; done
          echo "$last" >> ${this.buildsPath}
          case "$last" in *"${failing}"*) echo "line 1"; echo "the compiler says no" >&2; exit 1 ;; esac
          while [ "$1" != -o ]; do shift; done
          echo "#!/bin/sh" > "$2"; /bin/chmod 755 "$2" ;;
      esac`,
    );
  }

  get buildsPath(): string {
    return join(this.directory, "builds");
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
