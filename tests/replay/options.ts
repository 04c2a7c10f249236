import { parseArgs } from "node:util";

export interface ReplayOptions {
  readonly trace: "philly" | "small";
  /** Only the first so many jobs; undefined: all. */
  readonly jobsMax: number | undefined;
  readonly seed: number;
  readonly output: "table" | "json";
  /** Where the log is kept; undefined: in a temporary directory that is removed. */
  readonly dataDirectory: string | undefined;
}

export const usage = `Usage: npm run replay -- [philly|small] [options]

Sends a trace of GPU jobs through client, server and log on a stepped clock, and checks the log with
an independent oracle. Without a name: the small trace of this repository.

  --jobs N         only the first N jobs
  --seed N         seed of walltimes, outcomes and the simulated cluster (default 1)
  --output FORMAT  table (default) or json
  --data DIR       keep the log in DIR, which must be empty or new
  --help           this text

Examples:
  npm run replay                           the small trace, in seconds
  npm run replay -- philly --jobs 2000     a prefix of Microsoft's Philly trace
  npm run replay -- philly --output json   the whole of it, for programs`;

export type ParsedOptions =
  | { readonly kind: "options"; readonly options: ReplayOptions }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string };

export function parseOptions(args: readonly string[]): ParsedOptions {
  try {
    return parse(args);
  } catch (error) {
    return { kind: "wrong", message: error instanceof Error ? error.message : String(error) };
  }
}

function parse(args: readonly string[]): ParsedOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      jobs: { type: "string" },
      seed: { type: "string", default: "1" },
      output: { type: "string", default: "table" },
      data: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    return { kind: "help" };
  }
  const [trace = "small", ...more] = positionals;
  if ((trace !== "philly" && trace !== "small") || more.length > 0) {
    const found = positionals.join(" ");
    return { kind: "wrong", message: `trace: found "${found}", but philly or small is allowed` };
  }
  const { output } = values;
  if (output !== "table" && output !== "json") {
    return { kind: "wrong", message: `--output: found "${output}", but table or json is allowed` };
  }
  const jobsMax = values.jobs === undefined ? undefined : wholeNumber("--jobs", values.jobs, 1);
  const seed = wholeNumber("--seed", values.seed, 0);
  return {
    kind: "options",
    options: { trace, jobsMax, seed, output, dataDirectory: values.data },
  };
}

const seedMax = 2 ** 32 - 1;

function wholeNumber(name: string, text: string, least: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= seedMax)) {
    throw new RangeError(`${name}: found "${text}", but ${least} to ${seedMax} is allowed`);
  }
  return value;
}
