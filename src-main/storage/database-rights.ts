/**
 * What a login needs to bring a database up to date, and the SQL by which an administrator gives it.
 *
 * Roles belong to the whole server: the first migration makes them where they are missing and the login may, and is
 * content with those an administrator made. https://www.postgresql.org/docs/18/role-attributes.html
 */

/** The roles of the first migration. The login works as archon_app; the search functions are owned by archon_search. */
const ROLES = ['archon_app', 'archon_search'] as const;
/** The schema of the event queues, made by a migration; pg-boss makes its tables in it. */
const QUEUE_SCHEMA = 'archon_pgboss';

/** Runs a query of one statement; a transaction or a client. */
export type ReadRows = <Row>(sql: string) => Promise<Row[]>;

export interface DatabaseRights {
  login: string;
  database: string;
  /** SQL that an administrator has to run in that database before it can be brought up to date; empty when nothing is missing. */
  missing: string[];
  /** The login may act as both roles already. */
  has_roles: boolean;
  /** The login may act as the role that every query of ours runs under. */
  can_work: boolean;
}

interface Login {
  login: string;
  database: string;
  schema: string | null;
  /** The schema, or the right to give its rights on: the owner of the search functions needs some. */
  gives_schema: boolean;
  makes_roles: boolean;
  /** The schema of the event queues: there, or the right to make it. */
  queue_schema: 'usable' | 'not usable' | 'can be made' | 'cannot be made';
}

interface Role {
  name: string;
  found: boolean;
  /** The login may SET ROLE to it. */
  usable: boolean;
  /** The login may grant it to itself. */
  grantable: boolean;
}

export async function readRights(read: ReadRows): Promise<DatabaseRights> {
  const [login] = await read<Login>(
    `SELECT current_user::text AS login, current_database()::text AS database, current_schema()::text AS schema,
            coalesce(has_schema_privilege(current_schema(), 'CREATE WITH GRANT OPTION')
                 AND has_schema_privilege(current_schema(), 'USAGE WITH GRANT OPTION'), false) AS gives_schema,
            rolsuper OR rolcreaterole AS makes_roles,
            CASE WHEN to_regnamespace('${QUEUE_SCHEMA}') IS NULL
                 THEN CASE WHEN has_database_privilege(current_database(), 'CREATE') THEN 'can be made' ELSE 'cannot be made' END
                 WHEN has_schema_privilege(to_regnamespace('${QUEUE_SCHEMA}')::oid, 'CREATE')
                   AND has_schema_privilege(to_regnamespace('${QUEUE_SCHEMA}')::oid, 'USAGE') THEN 'usable'
                 ELSE 'not usable' END AS queue_schema
     FROM pg_roles WHERE rolname = current_user`,
  );
  if (login === undefined) throw new Error('the login is not in pg_roles');
  // Since PostgreSQL 16 being a member no longer means to be allowed to SET ROLE, and granting takes ADMIN OPTION.
  const roles = await read<Role>(
    `SELECT wanted AS name, role.oid IS NOT NULL AS found,
            coalesce(pg_has_role(role.oid, CASE WHEN since_16 THEN 'SET' ELSE 'MEMBER' END), false) AS usable,
            coalesce(pg_has_role(role.oid, 'MEMBER WITH ADMIN OPTION'), false) OR (NOT since_16 AND mine.rolcreaterole) AS grantable
     FROM unnest(ARRAY['${ROLES.join(`', '`)}']) AS wanted
     CROSS JOIN (SELECT current_setting('server_version_num')::int >= 160000 AS since_16) AS server
     JOIN pg_roles AS mine ON mine.rolname = current_user
     LEFT JOIN pg_roles AS role ON role.rolname = wanted
     ORDER BY wanted`,
  );
  return {
    login: login.login,
    database: login.database,
    missing: [...missingRoles(login, roles), ...missingSchema(login), ...missingQueueSchema(login)],
    has_roles: roles.every(({ usable }) => usable),
    can_work: roles.some(({ name, usable }) => name === 'archon_app' && usable),
  };
}

function missingRoles({ login, makes_roles }: Login, roles: readonly Role[]): string[] {
  const create = roles.filter(({ found }) => !found && !makes_roles);
  const grant = roles.filter(({ found, usable, grantable }) => !usable && (found ? !grantable : !makes_roles));
  return [
    ...create.map(({ name }) => `CREATE ROLE ${name} NOLOGIN;`),
    ...(grant.length === 0 ? [] : [`GRANT ${grant.map(({ name }) => name).join(', ')} TO ${quoted(login)};`]),
  ];
}

function missingSchema({ login, schema, gives_schema }: Login): string[] {
  // The search path names the schema of the login first, unless somebody changed it.
  if (schema === null) return [`CREATE SCHEMA ${quoted(login)} AUTHORIZATION ${quoted(login)};`];
  return gives_schema ? [] : [`GRANT USAGE, CREATE ON SCHEMA ${quoted(schema)} TO ${quoted(login)} WITH GRANT OPTION;`];
}

function missingQueueSchema({ login, queue_schema }: Login): string[] {
  if (queue_schema === 'cannot be made') return [`CREATE SCHEMA ${QUEUE_SCHEMA} AUTHORIZATION ${quoted(login)};`];
  if (queue_schema === 'not usable') return [`GRANT USAGE, CREATE ON SCHEMA ${QUEUE_SCHEMA} TO ${quoted(login)};`];
  return [];
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
