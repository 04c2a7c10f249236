import type { Socket } from "node:net";
import { ChangeAssembly } from "./change-pieces.ts";
import { LineReader } from "./line-reader.ts";
import { encode, type FromCluster, lineBytesMax } from "./wire.ts";

/** How long somebody who was refused may take to hang up. */
const refusedMsMax = 5_000;

/** Somebody who talks to the cluster: an executor, or one who asks how it is. */
export interface Connection {
  readonly socket: Socket;
  readonly lines: LineReader;
  readonly assembly: ChangeAssembly;
  /** Reports were sent to it up to here. */
  sentSequence: number;
  /** So often it wants to hear what is drawn; 0: never. */
  measureEveryMs: number;
  /** It was asked for its site. */
  isSiteWanted: boolean;
  /** It was told why it may go; what it still sends is not looked at. */
  isRefused: boolean;
}

export function newConnection(socket: Socket): Connection {
  return {
    socket,
    lines: new LineReader(lineBytesMax),
    assembly: new ChangeAssembly(),
    sentSequence: 0,
    measureEveryMs: 0,
    isSiteWanted: false,
    isRefused: false,
  };
}

export function send({ socket }: Connection, message: FromCluster): void {
  socket.write(encode(message));
}

/** Says why, and hangs up. */
export function refuse(connection: Connection, message: string): void {
  connection.isRefused = true;
  connection.socket.end(encode({ kind: "error", message }));
  // Reading on lets the message arrive; somebody who never hangs up is cut off.
  connection.socket.setTimeout(refusedMsMax, () => connection.socket.destroy());
}
