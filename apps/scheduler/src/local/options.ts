import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { StartProblem } from "../start/problem.ts";

export const localHelp = `A hub on this machine: the scheduler, two sites with simulated nodes, three people, some jobs.

  npm start                     goes on where it was; Ctrl-C ends the server, the simulated nodes run on
  npm start -- --fresh          forgets everything and begins anew
  npm start -- stop             ends the simulated nodes; what ran there is lost and tried again

  ERTIS_DATA=DIRECTORY          where all of it lives; default .ertis in the current directory
  ERTIS_PORT=PORT               default 7070; or --port PORT
`;

export interface LocalOptions {
  readonly action: "start" | "stop" | "help";
  readonly isFresh: boolean;
  readonly dataDirectory: string;
  readonly port: number;
}

const portDefault = "7070";

export function parseLocalOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): LocalOptions {
  const { values, positionals } = parse(argv);
  const [action = "start", ...more] = positionals;
  if ((action !== "start" && action !== "stop") || more.length > 0) {
    throw new StartProblem("usage", `"${positionals.join(" ")}" is not known`, localHelp);
  }
  const portText = values.port ?? env["ERTIS_PORT"] ?? portDefault;
  const port = Number(portText);
  if (!/^\d{1,5}$/.test(portText) || port > 65_535) {
    throw new StartProblem(
      "usage",
      `port "${portText}" is none`,
      "choose one from 1024 to 65535, or 0 for any free one",
    );
  }
  return {
    action: values.help === true ? "help" : action,
    isFresh: values.fresh === true,
    dataDirectory: resolve(env["ERTIS_DATA"] ?? ".ertis"),
    port,
  };
}

interface Parsed {
  readonly values: { readonly fresh?: boolean; readonly help?: boolean; readonly port?: string };
  readonly positionals: readonly string[];
}

function parse(argv: readonly string[]): Parsed {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        fresh: { type: "boolean" },
        help: { type: "boolean", short: "h" },
        port: { type: "string" },
      },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new StartProblem("usage", message, localHelp, { cause: error });
  }
}
