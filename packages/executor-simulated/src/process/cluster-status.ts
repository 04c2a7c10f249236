import { createConnection, type Socket } from "node:net";
import { LineReader } from "./line-reader.ts";
import { type ClusterStatus, encode, lineBytesMax, parseFromCluster } from "./wire.ts";

/** A cluster process answers at once; one that does not is stuck. */
const answerMsMax = 10_000;

/**
 * Asks the cluster process behind a socket how it is.
 *
 * @returns undefined when nobody listens there
 * @throws when somebody listens and does not answer as a cluster does
 */
export async function readClusterStatus(socketPath: string): Promise<ClusterStatus | undefined> {
  const socket = createConnection(socketPath);
  socket.setTimeout(answerMsMax);
  try {
    return await answerOf(socket, socketPath);
  } finally {
    socket.destroy();
  }
}

async function answerOf(socket: Socket, socketPath: string): Promise<ClusterStatus | undefined> {
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
    socket.on("close", () => fail("the connection ended before the status came"));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") {
        resolve(undefined);
      } else {
        fail("the cluster cannot be asked", error);
      }
    });
  });
}
