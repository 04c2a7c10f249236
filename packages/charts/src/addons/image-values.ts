import { parseImage, siteRepository } from "../images/site-image.ts";

/** `{registry, repository, tag}`, for charts that put them together themselves. */
export function splitImage(
  registry: string,
  image: string,
): { readonly registry: string; readonly repository: string; readonly tag: string } {
  const { host, repository, tag } = parseImage(image);
  return { registry, repository: `${host}/${repository}`, tag };
}

/** `{repository, tag}`, where the repository holds the registry. */
export function repositoryAndTag(
  registry: string,
  image: string,
): { readonly repository: string; readonly tag: string } {
  return { repository: siteRepository(registry, image), tag: parseImage(image).tag };
}
