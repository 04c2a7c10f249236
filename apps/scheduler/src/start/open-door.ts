import { readFileSync } from "node:fs";
import type { Server } from "@grpc/grpc-js";
import type { ServerConfig, TlsConfig } from "../config/server-config.ts";
import type { Guard } from "../server/guard.ts";
import { type RpcServer, startRpcServer, type Tls } from "../server/rpc-server.ts";
import { StartProblem } from "./problem.ts";

/** Listens; calls are let in when the guard says so. */
export async function openDoor(
  config: ServerConfig,
  guard: Guard,
  parts: { readonly addServices: (server: Server) => void; readonly endStreams: () => void },
): Promise<RpcServer> {
  const { host, port, limits } = config;
  try {
    return await startRpcServer({ host, port, tls: readTls(config.tls), limits, guard, ...parts });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "EADDRINUSE") {
      const advice = `end what listens there (lsof -i :${port}), or choose another with --listen (npm start: ERTIS_PORT)`;
      throw new StartProblem("addressInUse", `${host}:${port} is in use`, advice, { cause: error });
    }
    if (code === "EACCES" || code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
      const advice = "choose an address of this machine and a port above 1023";
      const message = `cannot listen on ${host}:${port}: ${code}`;
      throw new StartProblem("addressInUse", message, advice, { cause: error });
    }
    throw error;
  }
}

function readTls(tls: TlsConfig | undefined): Tls | undefined {
  if (tls === undefined) {
    return undefined;
  }
  const read = (file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (error) {
      const advice = "check the path and who may read it";
      throw new StartProblem("usage", `tls: cannot read ${file}`, advice, { cause: error });
    }
  };
  return {
    certificate: read(tls.certificateFile),
    key: read(tls.keyFile),
    clientAuthority:
      tls.clientAuthorityFile === undefined ? undefined : read(tls.clientAuthorityFile),
  };
}
