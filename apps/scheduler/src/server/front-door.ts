import { createServer, type Server as NetServer, type Socket } from "node:net";
import type { ServerLimits } from "../limits/limits.ts";

export interface FrontDoor {
  readonly server: NetServer;
  /** Open connections. */
  readonly connectionCount: () => number;
}

/**
 * The listening socket in front of gRPC, which by itself has no cap on connections, none for one
 * address, and never closes a connection that says nothing.
 */
export function createFrontDoor(
  limits: Pick<ServerLimits, "connectionsPerAddressMax" | "connectionsMax" | "firstByteMs">,
  letIn: (socket: Socket) => void,
): FrontDoor {
  const countByAddress = new Map<string, number>();
  let connectionCount = 0;
  const server = createServer((socket) => {
    const address = socket.remoteAddress ?? "";
    const count = (countByAddress.get(address) ?? 0) + 1;
    if (count > limits.connectionsPerAddressMax) {
      socket.destroy();
      return;
    }
    countByAddress.set(address, count);
    connectionCount += 1;
    const timer = setTimeout(() => {
      if (socket.bytesRead === 0) {
        socket.destroy();
      }
    }, limits.firstByteMs);
    socket.setNoDelay(true);
    // A client that resets its connection is its own business.
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      clearTimeout(timer);
      connectionCount -= 1;
      const left = (countByAddress.get(address) ?? 1) - 1;
      if (left === 0) {
        countByAddress.delete(address);
      } else {
        countByAddress.set(address, left);
      }
    });
    letIn(socket);
  });
  server.maxConnections = limits.connectionsMax;
  return { server, connectionCount: () => connectionCount };
}
