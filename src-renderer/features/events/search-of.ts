/**
 * What a link to another page says in its URL. The page reads of it what it knows and leaves out the rest; its schema is
 * its own, and no type of this part.
 */
export const searchOf = (search: Readonly<Record<string, string>>): never => search as never;
