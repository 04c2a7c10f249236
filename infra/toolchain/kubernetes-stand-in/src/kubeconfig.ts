import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { isObject, toJson, listAt, objectAt, stringAt, valueAt } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/** One cluster as one user, taken from a kubeconfig. */
export interface ClusterAccess {
  readonly server: string;
  readonly namespace: string | undefined;
  readonly isServerVerified: boolean;
  readonly serverName: string | undefined;
  readonly certificateAuthority: Buffer | undefined;
  readonly clientCertificate: Buffer | undefined;
  readonly clientKey: Buffer | undefined;
  readonly token: string | undefined;
}

/** An expected refusal: one message, no stack trace. */
export class KubeconfigError extends Error {}

/** Reads what the provider got as `kubeconfig`: the text itself or a path; nothing means KUBECONFIG or ~/.kube/config. */
export async function loadClusterAccess(
  kubeconfig: string | undefined,
  context: string | undefined,
): Promise<ClusterAccess> {
  const { config, source } = await parseKubeconfig(kubeconfig, context);
  return toClusterAccess(config, source);
}

/** Which server a kubeconfig means, without the keys and certificates beside it. */
export async function loadServer(
  kubeconfig: string | undefined,
  context: string | undefined,
): Promise<string> {
  const { config, source } = await parseKubeconfig(kubeconfig, context);
  return serverOf(clusterOf(config, source), source);
}

async function parseKubeconfig(
  kubeconfig: string | undefined,
  context: string | undefined,
): Promise<{ config: JsonObject; source: Source }> {
  const { text, origin, directory } = readKubeconfig(kubeconfig);
  const { parse } = await import("yaml");
  let parsed: Json;
  try {
    parsed = toJson(parse(text));
  } catch {
    // The parser's message would quote the file, and the file holds keys.
    throw new KubeconfigError(`${origin} is no YAML`);
  }
  if (!isObject(parsed)) {
    throw new KubeconfigError(`${origin} is no kubeconfig: expected clusters, users and contexts`);
  }
  return { config: parsed, source: { origin, directory, context } };
}

function readKubeconfig(given: string | undefined): {
  text: string;
  origin: string;
  directory: string;
} {
  if (given !== undefined && /[\n{]/.test(given)) {
    return { text: given, origin: "the provider's kubeconfig", directory: process.cwd() };
  }
  const path = given ?? process.env["KUBECONFIG"] ?? join(homedir(), ".kube", "config");
  if (!existsSync(path)) {
    throw new KubeconfigError(
      given === undefined
        ? `no kubeconfig: set the provider's kubeconfig, or KUBECONFIG; ${path} does not exist`
        : `the provider's kubeconfig is neither a kubeconfig nor a file that exists`,
    );
  }
  return { text: readFileSync(path, "utf8"), origin: path, directory: dirname(path) };
}

interface Source {
  readonly origin: string;
  readonly directory: string;
  readonly context: string | undefined;
}

interface NamedCluster {
  readonly context: JsonObject;
  readonly name: string;
  readonly cluster: JsonObject;
}

function clusterOf(config: JsonObject, source: Source): NamedCluster {
  const contextName = source.context ?? stringAt(config, "current-context") ?? "";
  const wanted = { list: "contexts", name: contextName, part: "context" };
  const context = findByName(config, wanted, source);
  const name = stringAt(context, "cluster") ?? "";
  const cluster = findByName(config, { list: "clusters", name, part: "cluster" }, source);
  return { context, name, cluster };
}

function serverOf({ name, cluster }: NamedCluster, source: Source): string {
  const server = stringAt(cluster, "server");
  if (server === undefined || !URL.canParse(server)) {
    throw new KubeconfigError(`cluster "${name}" of ${source.origin} has no server URL`);
  }
  return server;
}

function toClusterAccess(config: JsonObject, source: Source): ClusterAccess {
  const named = clusterOf(config, source);
  const { context, cluster } = named;
  const userName = stringAt(context, "user") ?? "";
  const user =
    userName === ""
      ? {}
      : findByName(config, { list: "users", name: userName, part: "user" }, source);
  for (const unsupported of ["exec", "auth-provider", "username"]) {
    if (valueAt(user, unsupported) !== undefined) {
      throw new KubeconfigError(
        `user "${userName}" of ${source.origin} logs in by "${unsupported}", which the stand-in cannot do: use a client certificate or a token`,
      );
    }
  }
  const tokenFile = stringAt(user, "tokenFile");
  return {
    server: serverOf(named, source),
    namespace: stringAt(context, "namespace"),
    isServerVerified: valueAt(cluster, "insecure-skip-tls-verify") !== true,
    serverName: stringAt(cluster, "tls-server-name"),
    certificateAuthority: readBytes(cluster, "certificate-authority", source),
    clientCertificate: readBytes(user, "client-certificate", source),
    clientKey: readBytes(user, "client-key", source),
    token:
      stringAt(user, "token") ??
      (tokenFile === undefined
        ? undefined
        : readFileSync(resolvePath(tokenFile, source), "utf8").trim()),
  };
}

function findByName(
  config: JsonObject,
  wanted: { readonly list: string; readonly name: string; readonly part: string },
  source: Source,
): JsonObject {
  const entries = listAt(config, wanted.list);
  const entry = entries.find((candidate) => stringAt(candidate, "name") === wanted.name);
  if (entry === undefined) {
    const names = entries.map((candidate) => stringAt(candidate, "name") ?? "?").join(", ");
    throw new KubeconfigError(
      `${source.origin} has no ${wanted.part} "${wanted.name}"; it has: ${names === "" ? "none" : names}`,
    );
  }
  return objectAt(entry, wanted.part);
}

function readBytes(from: JsonObject, key: string, source: Source): Buffer | undefined {
  const inline = stringAt(from, `${key}-data`);
  if (inline !== undefined) {
    return Buffer.from(inline, "base64");
  }
  const path = stringAt(from, key);
  return path === undefined ? undefined : readFileSync(resolvePath(path, source));
}

function resolvePath(path: string, source: Source): string {
  return isAbsolute(path) ? path : join(source.directory, path);
}
