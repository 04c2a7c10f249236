import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakeHub, startFakeHub } from "./fake-hub.ts";
import { type Ran, runErtis } from "./run-ertis.ts";
import type { TestTerminalOptions } from "./test-terminal.ts";

/** Where somebody types command lines: a folder of his own, and a hub that they reach. */
export interface Desk {
  readonly hub: FakeHub;
  readonly folder: string;
  readonly ertis: (argv: readonly string[], options?: TestTerminalOptions) => Promise<Ran>;
  /** What was submitted last, empty before. */
  readonly lastSpec: () => Record<string, unknown>;
  readonly close: () => Promise<void>;
}

export async function openDesk(): Promise<Desk> {
  const hub = await startFakeHub();
  const folder = mkdtempSync(join(tmpdir(), "ertis-cli-"));
  return {
    hub,
    folder,
    ertis: (argv, options = {}) => runErtis(hub.address, argv, { cwd: folder, ...options }),
    lastSpec: () => ({ ...hub.submitted.at(-1)?.items[0]?.spec }),
    close: async () => {
      rmSync(folder, { recursive: true });
      await hub.close();
    },
  };
}
