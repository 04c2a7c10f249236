/** An image or chart as its makers publish it: `registry.k8s.io/kueue/kueue:v0.18.2`. */
export interface UpstreamImage {
  readonly host: string;
  /** For example `kueue/kueue`. */
  readonly repository: string;
  readonly tag: string;
}

/**
 * Splits `host/repository:tag`. Every image of ours names host and tag: a default host or a moving tag
 * would be a choice that nobody made.
 *
 * @throws Error for anything else, which is a mistake in the tables of this package
 */
export function parseImage(image: string): UpstreamImage {
  const match = /^([a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?)\/([a-z0-9._/-]+):([\w][\w.-]*)$/.exec(
    image,
  );
  const [, host, repository, tag] = match ?? [];
  if (host === undefined || repository === undefined || tag === undefined) {
    throw new Error(`image "${image}" is not host/repository:tag`);
  }
  return { host, repository, tag };
}

/** The repository of an image in a site's registry: the upstream host stays in it, so no two collide. */
export function siteRepository(registry: string, image: string): string {
  const { host, repository } = parseImage(image);
  return `${registry}/${host}/${repository}`;
}

/** `registry.k8s.io/kueue/kueue:v0.18.2` → `registry.site.kz/registry.k8s.io/kueue/kueue:v0.18.2`. */
export function siteImage(registry: string, image: string): string {
  return `${siteRepository(registry, image)}:${parseImage(image).tag}`;
}

/** Charts lie in one folder of the registry, each by its name. */
export function siteChart(registry: string, chart: string): string {
  return `oci://${registry}/charts/${chart}`;
}
