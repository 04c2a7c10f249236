import { promisify } from "node:util";
import { type ServerOptions, Server, ServerCredentials } from "@grpc/grpc-js";
import type { ServerLimits } from "../limits/limits.ts";
import { createFrontDoor } from "./front-door.ts";
import type { Guard } from "./guard.ts";

export interface Tls {
  readonly certificate: Buffer;
  readonly key: Buffer;
  /** Clients must show a certificate of this authority; undefined: they need none. */
  readonly clientAuthority: Buffer | undefined;
}

export interface RpcServer {
  /** `host:port` as bound. */
  readonly address: string;
  readonly port: number;
  /** Takes no new calls, lets those in flight end, then closes; cuts off what is left after the grace. */
  close(): Promise<void>;
}

export interface RpcServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tls: Tls | undefined;
  readonly limits: ServerLimits;
  readonly guard: Guard;
  readonly addServices: (server: Server) => void;
  /** Ends the open streams, which would otherwise never end by themselves. */
  readonly endStreams: () => void;
}

function serverOptions(limits: ServerLimits, guard: Guard): ServerOptions {
  return {
    "grpc.max_receive_message_length": limits.submitBytesMax,
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": limits.streamsPerConnectionMax,
    "grpc.keepalive_time_ms": limits.keepaliveMs,
    "grpc.keepalive_timeout_ms": limits.keepaliveTimeoutMs,
    "grpc.enable_channelz": 0,
    interceptors: [guard.interceptor],
  };
}

/** gRPC behind a front door that counts connections. */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const { limits, guard, host } = options;
  const server = new Server(serverOptions(limits, guard));
  options.addServices(server);
  const injector = server.createConnectionInjector(credentialsOf(options.tls));
  const door = createFrontDoor(limits, (socket) => injector.injectConnection(socket));
  await new Promise<void>((resolve, reject) => {
    door.server.once("error", reject);
    door.server.listen({ host, port: options.port }, () => {
      door.server.off("error", reject);
      resolve();
    });
  });
  const bound = door.server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : options.port;
  return {
    address: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`,
    port,
    close: async () => {
      guard.close();
      door.server.close();
      options.endStreams();
      const cutOff = setTimeout(() => server.forceShutdown(), limits.shutdownGraceMs);
      await promisify(server.tryShutdown.bind(server))();
      clearTimeout(cutOff);
    },
  };
}

function credentialsOf(tls: Tls | undefined): ServerCredentials {
  return tls === undefined
    ? ServerCredentials.createInsecure()
    : ServerCredentials.createSsl(
        tls.clientAuthority ?? null,
        [{ cert_chain: tls.certificate, private_key: tls.key }],
        tls.clientAuthority !== undefined,
      );
}
