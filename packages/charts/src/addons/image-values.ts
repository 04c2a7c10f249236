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

/** NVIDIA's charts and objects name an image in three fields: where, which, and its tag. */
export function imageFields(
  registry: string,
  image: string,
): { readonly repository: string; readonly image: string; readonly version: string } {
  const full = siteRepository(registry, image);
  const end = full.lastIndexOf("/");
  return {
    repository: full.slice(0, end),
    image: full.slice(end + 1),
    version: parseImage(image).tag,
  };
}
