/** Looks for users by part of their id, the same way in both session stores. */

/** A test for ids that hold `search`, upper and lower case alike; without a search every id passes. */
export function userMatcher(search: string | undefined): (user_id: string) => boolean {
  if (search === undefined || search === '') return () => true;
  const wanted = search.toLowerCase();
  return (user_id) => user_id.toLowerCase().includes(wanted);
}
