import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { SiteFileError } from "@ertis/site-model";
import { didYouMean, listed } from "@ertis/site-model/reader";
import { parsePlans } from "../parse-plans.ts";
import { clusterOfFile } from "../read-deliveries.ts";
import type { FileText } from "../site-draft.ts";
import type { ParsePlansResult, SiteFiles } from "../site-files.ts";

/** What relative names of files start from. */
export const repositoryDirectory: string = fileURLToPath(new URL("../../../../", import.meta.url));

/** `infra/sites` of the repository. */
export const defaultSitesDirectory: string = path.join(repositoryDirectory, "infra", "sites");

/** Where site files are read from: `ERTIS_SITES_DIR` when it is set, else those of the repository. */
export function sitesDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const directory = environment["ERTIS_SITES_DIR"];
  return directory === undefined || directory === ""
    ? defaultSitesDirectory
    : path.resolve(directory);
}

/** In messages and sources: from the repository down, so that they read the same everywhere. */
function shownPath(file: string): string {
  const relative = path.relative(repositoryDirectory, file);
  return relative.startsWith("..") || path.isAbsolute(relative)
    ? file
    : relative.replaceAll(path.sep, "/");
}

/**
 * Reads the sites of a directory: every `<site>.yaml` that has a `provisioning/<site>.yaml`, with its
 * `deliveries/<cluster>.yaml`. A file that cannot be read is an error like one with a mistake.
 */
export function loadPlans(directory: string = sitesDirectory()): ParsePlansResult {
  const reader = new DirectoryReader(directory);
  const siteNames = reader.yamlNames("");
  const provisioned = reader.yamlNames("provisioning");
  for (const name of provisioned.filter((one) => !siteNames.includes(one))) {
    reader.fail(
      path.join("provisioning", `${name}.yaml`),
      `there is no site file ${name}.yaml beside the directory provisioning${didYouMean(name, siteNames)}: there are ${listed(siteNames)}`,
    );
  }
  const names = siteNames.filter((name) => provisioned.includes(name));
  if (names.length === 0 && reader.errors.length === 0) {
    reader.fail(
      "",
      "no site to provision: a site has <site>.yaml and provisioning/<site>.yaml; correct ERTIS_SITES_DIR or add them",
    );
  }
  const deliveries = deliveriesOf(reader, names);
  const files: SiteFiles[] = [];
  for (const name of names) {
    const siteFile = reader.read(`${name}.yaml`);
    const provisioningFile = reader.read(path.join("provisioning", `${name}.yaml`));
    if (siteFile !== undefined && provisioningFile !== undefined) {
      files.push({ siteFile, provisioningFile, deliveries: deliveries.get(name) ?? [] });
    }
  }
  const parsed = parsePlans(files);
  return reader.errors.length === 0
    ? parsed
    : {
        kind: "errors",
        errors: [...reader.errors, ...(parsed.kind === "errors" ? parsed.errors : [])],
      };
}

/** Delivery lists by the site whose id their cluster's name starts with, the longest id first. */
function deliveriesOf(
  reader: DirectoryReader,
  siteNames: readonly string[],
): ReadonlyMap<string, readonly FileText[]> {
  const bySite = new Map<string, FileText[]>();
  const longestFirst = siteNames.toSorted((a, b) => b.length - a.length);
  for (const name of reader.yamlNames("deliveries")) {
    const file = reader.read(path.join("deliveries", `${name}.yaml`));
    if (file === undefined) {
      continue;
    }
    const cluster = clusterOfFile(file.file);
    const site = longestFirst.find((one) => cluster === one || cluster.startsWith(`${one}-`));
    if (site === undefined) {
      reader.fail(
        path.join("deliveries", `${name}.yaml`),
        `no site is named like cluster "${cluster}": the sites are ${listed(siteNames)}, and a delivery list is named <site>-s1-h1.yaml`,
      );
    } else {
      bySite.set(site, [...(bySite.get(site) ?? []), file]);
    }
  }
  return bySite;
}

class DirectoryReader {
  readonly errors: SiteFileError[] = [];
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  fail(name: string, message: string): void {
    const file = shownPath(path.join(this.#directory, name));
    this.errors.push({ file, line: 1, column: 1, path: "", message });
  }

  /** Names without `.yaml`, sorted. An inner directory may be missing, the outer one may not. */
  yamlNames(inner: string): readonly string[] {
    try {
      return readdirSync(path.join(this.#directory, inner))
        .filter((name) => name.endsWith(".yaml"))
        .map((name) => name.slice(0, -".yaml".length))
        .toSorted();
    } catch (error) {
      if (inner === "" || codeOf(error) !== "ENOENT") {
        this.fail(
          inner,
          `this directory cannot be read (${codeOf(error)}): it holds the site files; correct ERTIS_SITES_DIR`,
        );
      }
      return [];
    }
  }

  read(name: string): FileText | undefined {
    const file = path.join(this.#directory, name);
    try {
      return { file: shownPath(file), text: readFileSync(file, "utf8") };
    } catch (error) {
      this.fail(name, `this file cannot be read (${codeOf(error)}): make it readable`);
      return undefined;
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
}
