import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const program: string = fileURLToPath(new URL("../../apps/scheduler/src/main.ts", import.meta.url));

/** How a server process ended by itself. */
export interface ServerEnd {
  readonly exitCode: number | null;
  readonly said: string;
}

/** The real server in a process of its own. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();

  constructor(configFile: string, flags: readonly string[] = []) {
    const args = [program, "--config", configFile, "--insecure-no-auth", ...flags];
    this.#child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    // "close" comes after the last line was read, "exit" may come before.
    this.#closed = once(this.#child, "close");
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) {
        createInterface({ input: stream }).on("line", (line) => this.#hear(line));
      }
    }
  }

  #hear(line: string): void {
    this.#lines.push(line);
    for (const listener of this.#listeners) {
      listener(line);
    }
  }

  /** Everything it said, on both streams. */
  get said(): string {
    return this.#lines.join("\n");
  }

  /** Resolves with the first line that matches, also one from before; rejects when it ends first. */
  async line(pattern: RegExp): Promise<string> {
    const heard = new Promise<string>((resolve) => {
      const check = (line: string): void => {
        if (pattern.test(line)) {
          this.#listeners.delete(check);
          resolve(line);
        }
      };
      this.#listeners.add(check);
      for (const line of this.#lines) {
        check(line);
      }
    });
    const ended = this.#closed.then(() => {
      throw new Error(`the server ended before it said ${String(pattern)}:\n${this.said}`);
    });
    return Promise.race([heard, ended]);
  }

  async serving(): Promise<void> {
    await this.line(/^serving on /);
  }

  pause(): void {
    this.#child.kill("SIGSTOP");
  }

  resume(): void {
    this.#child.kill("SIGCONT");
  }

  /** SIGKILL. Safe to call again. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#closed;
  }

  /** Waits for an end that nobody forces. */
  async end(): Promise<ServerEnd> {
    await this.#closed;
    return { exitCode: this.#child.exitCode, said: this.said };
  }
}
