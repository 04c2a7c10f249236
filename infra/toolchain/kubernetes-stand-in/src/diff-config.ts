import { isEqual } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { loadServer } from "./kubeconfig.ts";
import { parseProviderSettings, rawSetting } from "./provider-settings.ts";
import { hasUnknown, reveal } from "./wire-values.ts";

export interface ConfigDiff {
  readonly changed: readonly string[];
  /** Changes that mean another cluster: everything in it would be made anew. */
  readonly replaces: readonly string[];
}

const identityKeys: readonly string[] = ["kubeconfig", "context", "cluster"];

/** A `clusterIdentifier` says what a cluster is; without one, the address in the kubeconfig does. */
export async function diffConfig(olds: JsonObject, news: JsonObject): Promise<ConfigDiff> {
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  const changed = [...keys].filter((key) => !isEqual(rawSetting(olds, key), rawSetting(news, key)));
  const oldIdentifier = rawSetting(olds, "clusterIdentifier");
  const newIdentifier = rawSetting(news, "clusterIdentifier");
  if (isText(oldIdentifier) && isText(newIdentifier)) {
    return { changed, replaces: oldIdentifier === newIdentifier ? [] : ["clusterIdentifier"] };
  }
  const identity = changed.filter((key) => identityKeys.includes(key));
  // An identifier that is added later is harmless: nothing says that the cluster is another one.
  if (identity.length === 0 || isText(newIdentifier)) {
    return { changed, replaces: [] };
  }
  if (hasUnknown(reveal(news))) {
    return { changed, replaces: identity };
  }
  const [oldServer, newServer] = [await serverOf(olds), await serverOf(news)];
  const isSame = oldServer !== undefined && oldServer === newServer;
  return { changed, replaces: isSame ? [] : identity };
}

function isText(value: Json | undefined): value is string {
  return typeof value === "string" && value !== "";
}

async function serverOf(inputs: JsonObject): Promise<string | undefined> {
  const settings = parseProviderSettings(inputs);
  try {
    return await loadServer(settings.kubeconfig, settings.context);
  } catch {
    // The old kubeconfig may be a file that is gone; nothing then says that the cluster is the same.
    return undefined;
  }
}
