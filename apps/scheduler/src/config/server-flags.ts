import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { StartProblem } from "../start/problem.ts";
import { parseListen, readConfigFile } from "./read-config.ts";
import { defaultConfig, type ServerConfig } from "./server-config.ts";

export const serverHelp = `The scheduler of Ertis: gRPC in front, a durable log behind.

  node apps/scheduler/src/main.ts --config ertis.yaml

  --config FILE          what to serve; apps/scheduler/README.md describes every field
  --data DIRECTORY       where the log lives; without it (and without data: in the file) it lives in
                         memory and ends with the process
  --listen HOST:PORT     default 127.0.0.1:7070; port 0 = any free one, said on the first line
  --clock real|stepped   stepped: virtual time that ertis.simulation.v1.ClockService moves
  --insecure-no-auth     everybody who can connect is the operator "local"; loopback only
  --help                 this text

Flags go before the file. SIGINT and SIGTERM end it in good order; a second one at once.
`;

/** What the command line asks for; `help`: only the text. */
export function parseServerFlags(argv: readonly string[]): ServerConfig | "help" {
  const flags = parse(argv);
  if (flags.help === true) {
    return "help";
  }
  const base = flags.config === undefined ? defaultConfig : readConfigFile(flags.config);
  const listen = flags.listen === undefined ? undefined : parseListen(flags.listen);
  if (flags.listen !== undefined && listen === undefined) {
    throw wrong(`--listen ${flags.listen}: host:port is needed, for example 127.0.0.1:7070`);
  }
  const { clock } = flags;
  if (clock !== undefined && clock !== "real" && clock !== "stepped") {
    throw wrong(`--clock ${clock}: real or stepped is allowed`);
  }
  return {
    ...base,
    ...listen,
    ...(flags.data === undefined ? {} : { dataDirectory: resolve(flags.data) }),
    ...(clock === undefined ? {} : { clock }),
    ...(flags["insecure-no-auth"] === true ? { isWithoutAuth: true } : {}),
  };
}

interface Flags {
  readonly config?: string;
  readonly data?: string;
  readonly listen?: string;
  readonly clock?: string;
  readonly "insecure-no-auth"?: boolean;
  readonly help?: boolean;
}

function parse(argv: readonly string[]): Flags {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        config: { type: "string" },
        data: { type: "string" },
        listen: { type: "string" },
        clock: { type: "string" },
        "insecure-no-auth": { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function wrong(message: string): StartProblem {
  return new StartProblem("usage", message, "see --help");
}
