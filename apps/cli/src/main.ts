// What the launcher starts: the command line on this process's terminal.
import { run } from "./program.ts";
import { createProcessTerminal } from "./terminal/process-terminal.ts";

const { terminal, interruptExitCode } = createProcessTerminal();
const exitCode = await run(process.argv.slice(2), terminal);

// Not process.exit: text on its way to a pipe would be lost.
process.exitCode = interruptExitCode() ?? exitCode;
