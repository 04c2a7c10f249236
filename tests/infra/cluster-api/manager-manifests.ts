import { execFileSync } from "node:child_process";
import { parseAllDocuments } from "yaml";

/** An object of a manager's installation, as far as it is changed here. */
export interface InstallObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  spec?: Record<string, unknown>;
  webhooks?: WebhookEntry[];
}

interface ClientConfig {
  caBundle?: string;
  service?: { port?: number; name: string; namespace: string };
}

interface WebhookEntry {
  readonly clientConfig: ClientConfig;
}

/** What a manager brings along that makes no sense for a plain process. */
const droppedKinds: ReadonlySet<string> = new Set(["Deployment", "Certificate", "Issuer"]);

export interface Webhooks {
  readonly port: number;
  readonly caBase64: string;
}

/** The objects of a kustomize folder, in its order. */
export function renderFolder(kubectlPath: string, folder: string): readonly InstallObject[] {
  const text = execFileSync(kubectlPath, ["kustomize", folder], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return parseAllDocuments(text)
    .map((document): InstallObject => document.toJS())
    .filter(({ kind }) => !droppedKinds.has(kind));
}

/** DNS names under which the API server calls the webhooks of these objects. */
export function serviceNames(objects: readonly InstallObject[]): readonly string[] {
  return objects
    .filter(({ kind }) => kind === "Service")
    .map(({ metadata }) => `${metadata.name}.${metadata.namespace ?? "default"}.svc`);
}

/** Points every webhook and every conversion of these objects at a process on localhost. */
export function pointAtProcess(objects: readonly InstallObject[], webhooks: Webhooks): void {
  const point = (client: ClientConfig | undefined): void => {
    if (client?.service !== undefined) {
      client.caBundle = webhooks.caBase64;
      client.service.port = webhooks.port;
    }
  };
  for (const object of objects) {
    if (object.kind === "Service") {
      object.spec = { type: "ExternalName", externalName: "localhost" };
    }
    for (const { clientConfig } of object.webhooks ?? []) {
      point(clientConfig);
    }
    point(conversionOf(object));
  }
}

function conversionOf(object: InstallObject): ClientConfig | undefined {
  const conversion: unknown = object.spec?.["conversion"];
  if (typeof conversion !== "object" || conversion === null || !("webhook" in conversion)) {
    return undefined;
  }
  const { webhook } = conversion as { webhook: { clientConfig?: ClientConfig } };
  return webhook.clientConfig;
}
