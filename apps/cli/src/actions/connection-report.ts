import type { WatchEvent, WatchMessage } from "@ertis/client";
import type { Terminal } from "../terminal/terminal.ts";
import { toPrintable } from "../terminal/text.ts";

/** What a watch in a pipe says of its connection: once that it broke, once that it is back. */
export interface ConnectionReport {
  readonly broke: (message: string) => void;
  readonly works: () => void;
}

export function createConnectionReport(terminal: Terminal): ConnectionReport {
  let isBroken = false;
  return {
    broke(message) {
      if (!isBroken) {
        isBroken = true;
        terminal.stderr.write(
          `ertis: ${toPrintable(message)}; connecting again until it answers\n`,
        );
      }
    },
    works() {
      if (isBroken) {
        isBroken = false;
        terminal.stderr.write("ertis: connected again\n");
      }
    },
  };
}

/** The message of an event; undefined: the connection broke, which is now said. */
export function messageOf<Message extends WatchMessage>(
  event: WatchEvent<Message>,
  report: ConnectionReport,
): Message | undefined {
  if (event.kind !== "message") {
    report.broke(event.error.message);
    return undefined;
  }
  report.works();
  return event.message;
}
