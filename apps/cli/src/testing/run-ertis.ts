import { run } from "../program.ts";
import { createTestTerminal, type TestTerminalOptions } from "./test-terminal.ts";

/** What one command line left behind. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command line against the server at this address. */
export async function runErtis(
  address: string,
  argv: readonly string[],
  options: TestTerminalOptions = {},
): Promise<Ran> {
  const env = { ERTIS_ADDRESS: address, ...options.env };
  const terminal = createTestTerminal({ ...options, env });
  const code = await run(argv, terminal);
  return { code, out: terminal.out(), err: terminal.err() };
}
