/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Empty = the last page. */
  readonly nextPageToken: string;
}

/** Goes through all pages of a list, fetching the next one only when it is wanted. */
export async function* iteratePages<Item>(
  fetchPage: (pageToken: string) => Promise<Page<Item>>,
): AsyncGenerator<Item, void, undefined> {
  let pageToken = "";
  do {
    const page = await fetchPage(pageToken);
    yield* page.items;
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
}
