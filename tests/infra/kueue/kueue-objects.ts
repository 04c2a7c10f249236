import { execFileSync } from "node:child_process";
import { parseAllDocuments } from "yaml";

interface ClientConfig {
  service?: { port?: number };
}

interface InstallObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  spec?: Record<string, unknown>;
  webhooks?: readonly { readonly clientConfig: ClientConfig }[];
}

/** What a controller that is a plain process still needs in the cluster. */
const keptKinds: ReadonlySet<string> = new Set([
  "Namespace",
  "CustomResourceDefinition",
  "Secret",
  "Service",
  "MutatingWebhookConfiguration",
  "ValidatingWebhookConfiguration",
]);

/**
 * Kueue's own installation without the pod: the API server reaches the webhooks, and the conversion of
 * versions, at a port of this machine. The controller fills in the authority by itself.
 */
export function kueueObjects(
  kubectl: string,
  folder: string,
  webhookPort: number,
): readonly InstallObject[] {
  const text = execFileSync(kubectl, ["kustomize", folder], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const objects = parseAllDocuments(text)
    .map((document): InstallObject => document.toJS())
    .filter(({ kind }) => keptKinds.has(kind));
  for (const object of objects) {
    if (object.kind === "Service") {
      object.spec = { type: "ExternalName", externalName: "localhost" };
    }
    for (const { clientConfig } of object.webhooks ?? []) {
      setPort(clientConfig, webhookPort);
    }
    setPort(conversionClient(object), webhookPort);
  }
  return objects;
}

function setPort(client: ClientConfig | undefined, port: number): void {
  if (client?.service !== undefined) {
    client.service.port = port;
  }
}

function conversionClient({ spec }: InstallObject): ClientConfig | undefined {
  const conversion: unknown = spec?.["conversion"];
  if (typeof conversion !== "object" || conversion === null || !("webhook" in conversion)) {
    return undefined;
  }
  const { webhook } = conversion as { readonly webhook: { readonly clientConfig?: ClientConfig } };
  return webhook.clientConfig;
}
