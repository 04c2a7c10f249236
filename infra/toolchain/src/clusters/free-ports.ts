import { createServer } from "node:net";
import { randomInt } from "node:crypto";

/** Below the ports that outgoing connections take, and below 19000, where the in-memory backend of Cluster API begins. */
const range = { from: 10_000, to: 19_000 } as const;

/** Free ports of loopback, chosen at random: of two that choose at the same moment both are right. */
export async function freePorts(wantedCount: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  for (let attemptCount = 0; ports.size < wantedCount; attemptCount += 1) {
    if (attemptCount > 1000) {
      throw new Error(`no ${wantedCount} free ports between ${range.from} and ${range.to}`);
    }
    const port = randomInt(range.from, range.to);
    if (!ports.has(port) && (await isFree(port))) {
      ports.add(port);
    }
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
