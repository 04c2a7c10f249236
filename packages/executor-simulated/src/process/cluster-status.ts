import { createConnection, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { LineReader } from "./line-reader.ts";
import { type ClusterStatus, encode, lineBytesMax, parseFromCluster } from "./wire.ts";

/** A cluster process answers at once; one that does not is stuck. */
const answerMsMax = 10_000;
/**
 * A process that is just dying still takes a connection and hangs up; a moment later nobody listens.
 */
const hangUps = { countMax: 100, pauseMs: 20 } as const;

/**
 * Asks the cluster process behind a socket how it is.
 *
 * @returns undefined when nobody listens there
 * @throws when somebody listens and does not answer as a cluster does
 */
export async function readClusterStatus(socketPath: string): Promise<ClusterStatus | undefined> {
  for (let count = 0; count < hangUps.countMax; count += 1) {
    const answer = await ask(socketPath);
    if (answer !== "hung-up") {
      return answer;
    }
    await pause(hangUps.pauseMs);
  }
  throw new Error(`${socketPath}: the connection ended before the status came`);
}

type Answer = ClusterStatus | undefined | "hung-up";

async function ask(socketPath: string): Promise<Answer> {
  const socket = createConnection(socketPath);
  socket.setTimeout(answerMsMax);
  try {
    return await answerOf(socket, socketPath);
  } finally {
    socket.destroy();
  }
}

async function answerOf(socket: Socket, socketPath: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const lines = new LineReader(lineBytesMax);
    const fail = (why: string, cause?: unknown): void =>
      reject(new Error(`${socketPath}: ${why}`, { cause }));
    socket.on("connect", () => socket.write(encode({ kind: "get-status" })));
    socket.on("data", (chunk) => {
      try {
        const line = lines.push(Buffer.from(chunk))[0];
        const message = line === undefined ? undefined : parseFromCluster(line);
        if (message?.kind === "status") {
          resolve(message);
        } else if (message !== undefined) {
          fail(`a cluster's status was expected, ${message.kind} came`);
        }
      } catch (error) {
        fail("what listens there is not a simulated cluster", error);
      }
    });
    socket.on("timeout", () => fail(`no answer in ${answerMsMax} ms`));
    socket.on("close", () => resolve("hung-up"));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") {
        resolve(undefined);
      } else if (error.code === "ECONNRESET" || error.code === "EPIPE") {
        resolve("hung-up");
      } else {
        fail("the cluster cannot be asked", error);
      }
    });
  });
}
