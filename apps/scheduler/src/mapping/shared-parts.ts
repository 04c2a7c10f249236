import type { JobSpec, RetryPolicy, Workload } from "@ertis/scheduler-engine";

/** Two batches of jobs that all differ; beyond it sharing starts over. */
const entriesMax = 4_096;
/** Longer parts are rarely shared, and their key would cost more than it saves. */
const keyLengthMax = 8_192;

class Cache<Part> {
  readonly #parts = new Map<string, Part>();

  get(key: string): Part | undefined {
    return this.#parts.get(key);
  }

  put(key: string, part: Part): Part {
    if (key.length <= keyLengthMax) {
      if (this.#parts.size >= entriesMax) {
        this.#parts.clear();
      }
      this.#parts.set(key, part);
    }
    return part;
  }
}

const noRecord: Readonly<Record<string, string>> = Object.freeze({});
const noTexts: readonly string[] = Object.freeze([]);

/**
 * Makes one object of equal parts: millions of jobs then share a few retry policies, label sets and
 * workloads, in memory and in the log. Bounded; the parts are never changed.
 */
export class SharedParts {
  readonly #texts = new Cache<string>();
  readonly #records = new Cache<JobSpec["labels"]>();
  readonly #workloads = new Cache<Workload>();
  readonly #retries = new Cache<RetryPolicy>();

  text(value: string): string {
    return value === "" ? "" : (this.#texts.get(value) ?? this.#texts.put(value, value));
  }

  /** Sorted by key. `values` has no key that a plain object treats in its own way. */
  record(values: ReadonlyMap<string, string>): JobSpec["labels"] {
    if (values.size === 0) {
      return noRecord;
    }
    const pairs = [...values];
    if (pairs.length > 1) {
      pairs.sort(([a], [b]) => (a < b ? -1 : 1));
    }
    let key = "";
    for (const [name, value] of pairs) {
      key += `${name}\0${value}\0`;
    }
    return this.#records.get(key) ?? this.#records.put(key, Object.fromEntries(pairs));
  }

  retry(maxRetries: number, categories: RetryPolicy["categories"]): RetryPolicy {
    const key = `${maxRetries} ${categories.join(" ")}`;
    return this.#retries.get(key) ?? this.#retries.put(key, { maxRetries, categories });
  }

  workload(parts: {
    readonly image: string;
    readonly script: string;
    readonly workingDirectory: string;
    readonly command: readonly string[];
    readonly args: readonly string[];
    readonly env: ReadonlyMap<string, string>;
  }): Workload {
    const { image, script, workingDirectory, command, args, env } = parts;
    const isPlain =
      script === "" &&
      workingDirectory === "" &&
      command.length === 0 &&
      args.length === 0 &&
      env.size === 0;
    const environment = this.record(env);
    const key = isPlain ? image : keyOf(parts, environment);
    return (
      this.#workloads.get(key) ??
      this.#workloads.put(key, {
        image,
        script,
        workingDirectory,
        command: command.length === 0 ? noTexts : command,
        args: args.length === 0 ? noTexts : args,
        environment,
      })
    );
  }
}

/** No part holds a NUL (checked before), so parts cannot run into each other. */
function keyOf(
  parts: {
    readonly image: string;
    readonly script: string;
    readonly workingDirectory: string;
    readonly command: readonly string[];
    readonly args: readonly string[];
  },
  environment: Readonly<Record<string, string>>,
): string {
  let key = `${parts.image}\0${parts.script}\0${parts.workingDirectory}\0${parts.command.length}`;
  for (const text of [...parts.command, ...parts.args]) {
    key += `\0${text}`;
  }
  for (const name in environment) {
    key += `\0\0${name}\0${environment[name] ?? ""}`;
  }
  return key;
}
