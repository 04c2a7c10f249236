import { serverHost, serverNames, serverPaths } from "./names.ts";

export const probeFile = "probe.mjs";

/**
 * Asks the server for its health as any client does: with a certificate, over TLS. The kubelet's own
 * gRPC probe speaks no TLS, and a probe of the port would call a server ready that restores its log.
 *
 * With `--live` it also fails when the certificate that is served ends within 20 days although a newer
 * one lies on disk: the server reads it at start only, so it has to start again, ten days after renewal.
 */
export function probeScript(
  places: { readonly port: number; readonly tlsDirectory: string } = {
    port: serverNames.port,
    tlsDirectory: serverPaths.tls,
  },
): string {
  return `import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "node:http2";

const file = (name) => readFileSync(${JSON.stringify(`${places.tlsDirectory}/`)} + name);
const cert = file("tls.crt");
const end = (code, message) => {
  if (message !== "") process.stderr.write(message + "\\n");
  process.exit(code);
};
setTimeout(() => end(1, "no answer within 4 s"), 4_000);
const session = connect("https://127.0.0.1:${places.port}", {
  ca: file("ca.crt"),
  cert,
  key: file("tls.key"),
  servername: "${serverHost}",
});
session.on("error", (error) => end(1, "cannot connect: " + error.message));
session.on("connect", (_session, socket) => {
  if (!process.argv.includes("--live")) return;
  const served = socket.getPeerX509Certificate();
  const leftDays = (Date.parse(served.validTo) - Date.now()) / 86_400_000;
  const isOnDisk = new X509Certificate(cert).fingerprint256 === served.fingerprint256;
  if (!isOnDisk && leftDays < 20) end(1, "the served certificate ends soon and a newer one is there");
});
const call = session.request({
  ":method": "POST",
  ":path": "/grpc.health.v1.Health/Check",
  "content-type": "application/grpc",
  te: "trailers",
});
const chunks = [];
call.on("data", (chunk) => chunks.push(chunk));
call.on("error", (error) => end(1, "the call failed: " + error.message));
call.on("end", () => {
  // Five bytes of frame, then field 1 with the value 1: serving.
  const body = Buffer.concat(chunks).subarray(5);
  end(body.equals(Buffer.from([8, 1])) ? 0 : 1, body.equals(Buffer.from([8, 1])) ? "" : "not serving");
});
// An empty request: the health of the whole server.
call.end(Buffer.alloc(5));
`;
}
