/**
 * The upstream names of all images of one registry in an object, wherever they stand: in fields, and in
 * the texts of files that the object carries to hosts. Objects that name an image in three fields are
 * put together.
 */
export function findImages(value: unknown, registry: string): readonly string[] {
  const pattern = new RegExp(
    `${registry.replaceAll(".", "\\.")}/([a-z0-9-]+(?:\\.[a-z0-9-]+)+/[a-z0-9._/-]+:[\\w][\\w.-]*)`,
    "g",
  );
  const found: string[] = [];
  const visit = (part: unknown): void => {
    if (typeof part === "string") {
      found.push(...[...part.matchAll(pattern)].map(([, image = ""]) => image));
    } else if (typeof part === "object" && part !== null) {
      const image = threeFields(part, registry);
      if (image !== undefined) {
        found.push(image);
      }
      for (const inner of Object.values(part)) {
        visit(inner);
      }
    }
  };
  visit(value);
  return found;
}

/** `{repository, image, version}`, as NVIDIA's objects have it. */
function threeFields(part: object, registry: string): string | undefined {
  const fields: Readonly<Record<string, unknown>> = { ...part };
  const { repository, image, version } = fields;
  return typeof repository === "string" &&
    typeof image === "string" &&
    typeof version === "string" &&
    repository.startsWith(`${registry}/`)
    ? `${repository.slice(registry.length + 1)}/${image}:${version}`
    : undefined;
}
