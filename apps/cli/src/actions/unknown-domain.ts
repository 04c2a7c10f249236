import { ErtisError } from "@ertis/client";
import { findNearest } from "../job-file/nearest.ts";
import { isErtisError, type Session } from "./session.ts";

/** What the trees of the named part, of one site or of all sites start from. */
export async function findScopes(
  session: Session,
  path: string,
): Promise<readonly { readonly site: string; readonly domainId: string }[]> {
  if (path !== "") {
    const isSite = !path.includes("/");
    return [isSite ? { site: path, domainId: "" } : { site: "", domainId: path }];
  }
  const { sites } = await session.client.serverInfo();
  return sites.map(({ id }) => ({ site: id, domainId: "" }));
}

const mostSuggestions = 8;
/** Deep enough for halls and rows, not for the thousands of racks. */
const suggestionDepth = 3;

/** The last parts of a path, as many as the word has: `hall-1`, or `substation-1/hall-1`. */
function tailOf(id: string, word: string): string {
  return id.split("/").slice(-word.split("/").length).join("/").toLowerCase();
}

/** Paths that end in this word, such as `hall-1`, else in the one nearest to it, else to its last part. */
export function findMeant(path: string, ids: readonly string[]): readonly string[] {
  const word = path.toLowerCase();
  const tails = ids.map((id) => tailOf(id, word));
  const meant = tails.includes(word) ? word : findNearest(word, new Set(tails));
  const found = ids.filter((_, at) => tails[at] === meant);
  if (found.length > 0 || !path.includes("/")) {
    return found;
  }
  // Rather of the site that was named than of another.
  const likely = findMeant(path.slice(path.lastIndexOf("/") + 1), ids);
  const site = word.slice(0, word.indexOf("/") + 1);
  const ofSite = likely.filter((id) => id.toLowerCase().startsWith(site));
  return ofSite.length > 0 ? ofSite : likely;
}

async function findSimilar(session: Session, path: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const scope of await findScopes(session, "")) {
    for await (const { id } of session.client.powerTree({ ...scope, maxDepth: suggestionDepth })) {
      ids.push(id);
    }
  }
  return findMeant(path, ids);
}

/** The refusal of an unknown path with what may have been meant and what lists them; other errors as they are. */
export async function explainUnknownDomain(
  session: Session,
  path: string,
  error: unknown,
): Promise<unknown> {
  const isUnknown =
    isErtisError(error) && (error.reason === "UNKNOWN_SITE" || error.reason === "UNKNOWN_DOMAIN");
  if (!isUnknown || path === "") {
    return error;
  }
  const similar = await findSimilar(session, path);
  const some = similar.slice(0, mostSuggestions).join(", ");
  const more = similar.length > mostSuggestions ? " and more" : "";
  const { code, reason } = error;
  const list = '"ertis power -o name --depth 0" lists all paths';
  return new ErtisError({
    code,
    reason,
    message: `there is no site or domain ${path}`,
    advice: similar.length === 0 ? list : `one of these may be meant: ${some}${more}; ${list}`,
    cause: error,
  });
}

/** The answer of a call about the domain of this path. */
export async function withKnownDomain<Answer>(
  session: Session,
  path: string,
  call: Promise<Answer>,
): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    throw await explainUnknownDomain(session, path, error);
  }
}
