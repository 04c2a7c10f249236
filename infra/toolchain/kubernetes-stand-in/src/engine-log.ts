import { credentials } from "@grpc/grpc-js";
import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import enginePb from "@pulumi/pulumi/proto/engine_pb.js";
import type { Log, LogSeverity } from "./resource-context.ts";

const severities: Readonly<Record<LogSeverity, enginePb.LogSeverity>> = {
  debug: enginePb.LogSeverity.DEBUG,
  info: enginePb.LogSeverity.INFO,
  warning: enginePb.LogSeverity.WARNING,
  error: enginePb.LogSeverity.ERROR,
};

/** Writes into the log of the engine that started this process; without an engine, to standard error. */
export function connectLog(engineAddress: string | undefined): Log {
  if (engineAddress === undefined) {
    return ({ severity, message }) => {
      process.stderr.write(`${severity}: ${message}\n`);
    };
  }
  const client = new engineGrpc.EngineClient(engineAddress, credentials.createInsecure());
  return (entry) => {
    const request = new enginePb.LogRequest()
      .setSeverity(severities[entry.severity])
      .setMessage(entry.message)
      .setUrn(entry.urn ?? "")
      .setEphemeral(entry.isEphemeral ?? false);
    // An engine that is gone needs no log.
    client.log(request, () => undefined);
  };
}
