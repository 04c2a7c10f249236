import type { Facts } from "../facts.ts";
import { at, fieldsAt, findTexts, textAt } from "../fields.ts";
import type { Fields, FoundText } from "../fields.ts";
import { allowedDomains, isAllowedHost, registryOf } from "../hosts-allowed.ts";
import { describe, helmReleaseType, isKind } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

/** Prose, and names of schemas: they hold URLs that nothing opens. */
const proseKeys: ReadonlySet<string> = new Set([
  "description",
  "message",
  "messageExpression",
  "$schema",
  "summary",
]);

/** Keys whose text is an image, in Kubernetes and in the operators and charts we use. */
const imageKey = /^(?:image|imageName|imageUrl|[a-z][A-Za-z]*Image)$/;
/** Keys whose text is a registry, in values of charts. */
const registryKey = /^(?:registry|imageRepository|[a-z][A-Za-z]*Registry)$/;
const url = /\b([a-z][a-z0-9+.-]*):\/\/(?:[^\s/@"'<>]*@)?(\[[\da-f:.]+\]|[^\s/:?#"'<>\\,;)}\]]+)/gi;

/**
 * Stores that only foreign clouds run, where what follows is a bucket and no host. `s3` is not among
 * them: our own store speaks it, and its endpoint is a URL of its own.
 */
const cloudSchemes: ReadonlySet<string> = new Set([
  "gs",
  "gcs",
  "azblob",
  "abfs",
  "abfss",
  "wasbs",
]);

/** Text of a host in a URL that is filled in later, as in `https://$(NODE_IP)` or `http://{{ .host }}`. */
const isPlaceholder = (host: string): boolean => /^[$%{]/.test(host);

/**
 * Nothing may depend on a service outside the country: not at install, and not a year later when a node
 * is replaced. So every image names a registry we run, and every URL a host we reach.
 */
function check(resource: Resource, facts: Facts): readonly string[] {
  // Schemas of others, full of links in their documentation; they pull nothing.
  const isSchema = isKind(resource, "apiextensions.k8s.io", "CustomResourceDefinition");
  // Without site files nothing would be allowed; `site-files` stops the stack at its root already.
  if (isSchema || facts.mistakes.length > 0) {
    return [];
  }
  const domains = allowedDomains(facts);
  const texts = findTexts(resource.inputs, proseKeys);
  const messages = [
    ...texts.flatMap((found) => foreignUrls(found, domains)),
    ...texts.flatMap((found) => foreignLines(found, domains)),
    ...foreignImages(resource.inputs, domains),
    ...texts.flatMap((found) => foreignRegistry(found, domains)),
    ...(resource.type === helmReleaseType ? foreignChart(resource.inputs, domains) : []),
  ];
  return messages.map(
    (message) =>
      `${describe(resource)}, ${message}. Allowed are hosts in ${domains.join(", ")}, private addresses and names in the cluster; \`npm run images\` lists what to mirror.`,
  );
}

function foreignUrls({ path, text }: FoundText, domains: readonly string[]): readonly string[] {
  return [...text.matchAll(url)].flatMap(([, scheme = "", host = ""]) => {
    if (cloudSchemes.has(scheme.toLowerCase())) {
      return [`${path}: a URL names the cloud storage ${scheme}://${host}`];
    }
    return isPlaceholder(host) || isAllowedHost(host, domains)
      ? []
      : [`${path}: a URL names the host ${host}`];
  });
}

/** Images in manifests that are themselves a text, as those of static pods. */
function foreignLines({ path, text }: FoundText, domains: readonly string[]): readonly string[] {
  return [...text.matchAll(/^[ -]*"?image"?: *["']?([^\s"',]+)/gm)]
    .map(([, image = ""]) => image)
    .filter((image) => !isPlaceholder(image) && !isAllowedHost(registryOf(image), domains))
    .map((image) => `${path}: the image ${image} comes from ${registryOf(image)}`);
}

function foreignRegistry(
  { path, key, text }: FoundText,
  domains: readonly string[],
): readonly string[] {
  if (!registryKey.test(key) || text === "" || text.includes("://")) {
    return [];
  }
  const host = registryOf(`${text}/`);
  return isAllowedHost(host, domains) ? [] : [`${path}: the registry is ${host}`];
}

/**
 * Operators and charts write an image in one text or in parts: `repository`, with or without
 * `registry`, beside `image`, `tag` or `version`. Wherever an image is, its registry must be ours.
 */
function foreignImages(inputs: Fields, domains: readonly string[]): readonly string[] {
  const found: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null) {
      return;
    }
    const written = imageIn(value);
    if (written !== undefined) {
      const host = registryOf(written.image);
      if (!isAllowedHost(host, domains)) {
        const where = [path, written.key].filter((part) => part !== "").join(".");
        found.push(`${where}: the image ${written.image} comes from ${host}`);
      }
    }
    for (const [key, child] of Object.entries(value)) {
      walk(child, path === "" ? key : `${path}.${key}`);
    }
  };
  walk(inputs, "");
  return found;
}

function imageIn(value: object): { readonly key: string; readonly image: string } | undefined {
  const registry = textAt(value, "registry") ?? "";
  const repository = textAt(value, "repository");
  const isParts = ["image", "tag", "version", "digest", "registry", "pullPolicy"].some(
    (key) => at(value, key) !== undefined,
  );
  if (repository !== undefined && isParts) {
    const image = [registry, repository].filter((part) => part !== "").join("/");
    // A repository alone, as `registry.example/nvidia`, is only the folder of its image.
    return { key: "repository", image: `${image}/${textAt(value, "image") ?? ""}` };
  }
  const entry = Object.entries(value).find(
    (pair): pair is [string, string] => imageKey.test(pair[0]) && typeof pair[1] === "string",
  );
  // URLs are judged as URLs.
  if (entry === undefined || entry[1] === "" || entry[1].includes("://")) {
    return undefined;
  }
  const [key, image] = entry;
  return { key, image: registry === "" ? image : `${registry}/${image}` };
}

function foreignChart(inputs: Fields, domains: readonly string[]): readonly string[] {
  const chart = textAt(inputs, "chart");
  const repository = textAt(fieldsAt(inputs, "repositoryOpts"), "repo");
  const isLocal = chart?.startsWith("./") === true || chart?.startsWith("/") === true;
  // A chart or repository with a scheme is judged as a URL.
  if (chart === undefined || isLocal || chart.includes("://") || repository !== undefined) {
    return [];
  }
  const host = registryOf(chart);
  return isAllowedHost(host, domains)
    ? []
    : [
        `chart: ${chart} names no registry, so the caller's own Helm settings decide where it comes from`,
      ];
}

export const sourcesInCountry: ResourceRule = {
  kind: "resource",
  name: "sources-in-country",
  description: "Images, charts and endpoints are in the country.",
  check,
};
