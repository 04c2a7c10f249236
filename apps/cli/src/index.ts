export { createProgram, run, version } from "./program.ts";
export { type Output, type Terminal } from "./terminal/terminal.ts";
export { exitCodeMeanings, exitCodes, type ExitCode } from "./exit-codes.ts";
