/** The executable behind `pulumi-resource-kubernetes`: answers one engine on a port of its own, and ends with it. */
import { flushCompileCache } from "node:module";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { connectLog } from "./engine-log.ts";
import { endWithParent } from "./parent.ts";
import { createProvider } from "./provider.ts";
import { createService, standsInForVersion } from "./service.ts";

const messageLimitBytes = 400 * 1024 * 1024;

const log = connectLog(process.argv.slice(2).find((argument) => !argument.startsWith("-")));
const calls = { runningCount: 0 };
const provider = createProvider(log);
endWithParent(provider.cancel, calls);

const server = new Server({
  "grpc.max_receive_message_length": messageLimitBytes,
  "grpc.max_send_message_length": messageLimitBytes,
});
server.addService(ResourceProviderService, createService(provider, calls));
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) {
    process.stderr.write(`the stand-in cannot listen on 127.0.0.1: ${error.message}\n`);
    process.exit(1);
  }
  // The engine reads the port from the first line.
  process.stdout.write(`${port}\n`);
  // The engine ends its plugins with a signal, so what Node would keep at its exit is kept now.
  flushCompileCache();
  log({
    severity: "info",
    message: `stand-in for pulumi-resource-kubernetes ${standsInForVersion}: diffs and waits are its own, not the real plugin's, and it has no Helm`,
  });
});
