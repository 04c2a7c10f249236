import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface WebhookCertificate {
  /** Holds `tls.crt` and `tls.key`, as the managers expect them. */
  readonly directory: string;
  /** What a webhook configuration calls `caBundle`. */
  readonly caBase64: string;
}

const validDayCount = 2;

/**
 * One certificate for all webhook services, signed by a CA of its own. On a real cluster cert-manager
 * does this; here the managers are plain processes and the API server reaches them on localhost.
 */
export function createWebhookCertificate(
  directory: string,
  names: readonly string[],
): WebhookCertificate {
  const file = (name: string): string => join(directory, name);
  const openssl = (line: string, ...more: readonly string[]): void => {
    const args = [...line.split(" "), ...more];
    execFileSync("openssl", args, { cwd: directory, stdio: ["ignore", "ignore", "pipe"] });
  };
  const key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
  const days = `-days ${validDayCount}`;
  openssl(
    `req -x509 ${key} ${days} -keyout ca.key -out ca.crt`,
    "-subj",
    "/CN=ertis-test-webhooks",
  );
  openssl(`req ${key} -keyout tls.key -out tls.csr`, "-subj", "/CN=localhost");
  const alternatives = ["localhost", ...names].map((name) => `DNS:${name}`).join(",");
  writeFileSync(file("extensions"), `subjectAltName=${alternatives},IP:127.0.0.1\n`);
  openssl(
    `x509 -req ${days} -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile extensions -out tls.crt`,
  );
  return { directory, caBase64: readFileSync(file("ca.crt")).toString("base64") };
}
