import { parseServerFlags, serverHelp } from "./config/server-flags.ts";
import { tuneCollector } from "./start/collector.ts";
import { exitCodes, sayProblem, StartProblem } from "./start/problem.ts";
import { createLineReporter } from "./start/reporter.ts";
import { serve } from "./start/serve.ts";
import { untilSignal } from "./start/until-signal.ts";

/** The server as its own process. Says its address on standard output when it serves. */
async function main(): Promise<void> {
  tuneCollector();
  const config = parseServerFlags(process.argv.slice(2));
  if (config === "help") {
    process.stdout.write(serverHelp);
    return;
  }
  const reporter = createLineReporter((line) => process.stderr.write(line));
  const signal = untilSignal();
  const server = await serve(config, reporter);
  process.stdout.write(`serving on ${server.address}\n`);
  const end = await Promise.race([
    signal.then((name) => ({ name })),
    server.stopped.then((reason) => ({ reason })),
  ]);
  if ("name" in end) {
    reporter.info("closing", { signal: end.name });
    await server.close();
    return;
  }
  process.exitCode = exitCodes.stoppedByItself;
  await server.close();
  throw new StartProblem(
    "stoppedByItself",
    `the scheduler stopped by itself: ${end.reason}`,
    "everything acknowledged is in the log; see docs/runbooks/scheduler-does-not-start.md, then start again",
  );
}

try {
  await main();
} catch (error) {
  const { text, exitCode } = sayProblem(error);
  process.stderr.write(text);
  process.exit(exitCode);
}
