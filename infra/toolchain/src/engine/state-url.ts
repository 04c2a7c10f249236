const parameter = "metadata=skip";

/**
 * A backend that is a folder, without the `.attrs` files that the engine writes beside each file of a
 * state. It does not write them at once: one that is killed meanwhile leaves an empty one, and then
 * nobody can read the state (`failed to load checkpoint: EOF`). Nothing that we do needs them.
 */
export function withoutSidecars(backendUrl: string): string {
  if (!backendUrl.startsWith("file://") || backendUrl.includes(parameter)) {
    return backendUrl;
  }
  return `${backendUrl}${backendUrl.includes("?") ? "&" : "?"}${parameter}`;
}

/** The backend as a person named it: what is filed under its name stays where it was. */
export function namedBackend(backendUrl: string): string {
  return backendUrl.replace(/[?&]metadata=skip$/, "");
}
