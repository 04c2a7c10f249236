import { join } from "node:path";
import { submitDemo } from "./local/demo-workload.ts";
import { printStatus, showLive } from "./local/live-view.ts";
import { endLocalClusters, forgetEverything, localConfig } from "./local/local-hub.ts";
import { type LocalPerson, openLocalPeople, writeContexts } from "./local/local-people.ts";
import { localHelp, type LocalOptions, parseLocalOptions } from "./local/options.ts";
import { tuneCollector } from "./start/collector.ts";
import { exitCodes, sayProblem, StartProblem } from "./start/problem.ts";
import { createLineReporter } from "./start/reporter.ts";
import { type RunningServer, serve } from "./start/serve.ts";
import { untilSignal } from "./start/until-signal.ts";

const say = (text: string): void => {
  process.stdout.write(text);
};

/** `npm start`: see `localHelp`. */
async function main(): Promise<void> {
  const options = parseLocalOptions(process.argv.slice(2), process.env);
  switch (options.action) {
    case "help":
      say(localHelp);
      return;
    case "stop": {
      const count = await endLocalClusters(options.dataDirectory);
      say(`${count} simulated clusters of ${options.dataDirectory} have ended\n`);
      return;
    }
    case "start":
      await start(options);
  }
}

async function start(options: LocalOptions): Promise<void> {
  const { dataDirectory } = options;
  if (options.isFresh) {
    await forgetEverything(dataDirectory);
  }
  const isScreen = process.stdout.isTTY;
  // On a screen the live view is drawn over everything: only what went wrong is said beside it.
  const quiet = createLineReporter((line) => process.stderr.write(line));
  const reporter = isScreen ? { ...quiet, info: sayChangedSites } : quiet;
  function sayChangedSites(message: string): void {
    if (message.includes("site file changed")) {
      say(`${message}\n`);
    }
  }
  const people = openLocalPeople(dataDirectory);
  const signal = untilSignal();
  say(`starting two sites with simulated nodes in ${dataDirectory} …\n`);
  tuneCollector();
  const server = await serve(localConfig(options, people), reporter);
  const [researcher, operator] = people;
  if (researcher === undefined || operator === undefined) {
    throw new Error("the demonstration has a researcher and an operator");
  }
  const submitted = await prepare(server, dataDirectory, people).catch(async (error: unknown) => {
    await server.abandon();
    throw error;
  });
  say(welcome(server, dataDirectory, submitted));
  await live(server, operator, { isScreen, signal });
  await server.close();
  say(farewell(dataDirectory));
}

/** Says who is who, and submits the demo jobs. Returns how many. */
async function prepare(
  { address }: RunningServer,
  dataDirectory: string,
  people: readonly LocalPerson[],
): Promise<number> {
  writeContexts(dataDirectory, people, address);
  const [researcher] = people;
  return researcher === undefined ? 0 : submitDemo(dataDirectory, address, researcher);
}

/** Until somebody ends it, or the scheduler ends by itself. */
async function live(
  server: RunningServer,
  viewer: LocalPerson,
  { isScreen, signal }: { readonly isScreen: boolean; readonly signal: Promise<unknown> },
): Promise<void> {
  const ending = new AbortController();
  const view = isScreen
    ? showLive(viewer.contextFile, ending.signal)
    : printStatus(server, say, ending.signal);
  const viewEnd = view.then((): string | undefined => undefined);
  const reason = await Promise.race([
    signal.then((): string | undefined => undefined),
    server.stopped,
    ...(isScreen ? [viewEnd] : []),
  ]);
  ending.abort();
  await viewEnd;
  if (reason !== undefined) {
    process.exitCode = exitCodes.stoppedByItself;
    await server.close();
    throw new StartProblem(
      "stoppedByItself",
      `the scheduler stopped by itself: ${reason}`,
      "everything acknowledged is in the log; put the cause right and start again",
    );
  }
}

function welcome(server: RunningServer, dataDirectory: string, submitted: number): string {
  const demo = submitted === 0 ? "" : `${submitted} demo jobs were submitted.\n`;
  // Not npx: where it does not find ours, it fetches a stranger's package of this name.
  return `
serving on ${server.address}, state in ${dataDirectory}
${demo}Try next, in another terminal, in the root of the checkout:

  ./ertis jobs                      what runs and what waits
  ./ertis why 10                    why the largest job waits, and for what
  ./ertis power                     the power tree: used, budget, limit

You are aigerim, a researcher. The others, of ${join(dataDirectory, "contexts")}, for example the operator:

  ./ertis --as operator nodes       or --as viewer; before the command or after it

Ctrl-C ends the server; the simulated nodes run on until npm start -- stop.

`;
}

function farewell(dataDirectory: string): string {
  return `
The server has ended; its state is in ${dataDirectory} and the simulated nodes run on.
npm start goes on from here; npm start -- stop ends the nodes; npm start -- --fresh begins anew.
`;
}

try {
  await main();
} catch (error) {
  const { text, exitCode } = sayProblem(error);
  process.stderr.write(text);
  process.exit(exitCode);
}
