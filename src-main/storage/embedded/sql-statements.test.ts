import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leadingWords, splitStatements } from './sql-statements.ts';

describe('splitting SQL into statements', () => {
  it.each([
    ['select 1', ['select 1']],
    ['select 1; select 2;', ['select 1', 'select 2']],
    [' ;; \n', []],
    ['', []],
    ["insert into t values ('a;b'); select 1", ["insert into t values ('a;b')", 'select 1']],
    ["select 'it''s; fine'; select 1", ["select 'it''s; fine'", 'select 1']],
    ["select E'\\';'; select 1", ["select E'\\';'", 'select 1']],
    ["select 'C:\\'; select 1", ["select 'C:\\'", 'select 1']],
    ['select ";" from t; select 1', ['select ";" from t', 'select 1']],
    ['do $$ begin; end $$; select 1', ['do $$ begin; end $$', 'select 1']],
    ['do $a$ $$;$$ ; $a$; select 1', ['do $a$ $$;$$ ; $a$', 'select 1']],
    ['select $1; select $2', ['select $1', 'select $2']],
    ['select a$b$c; select 1', ['select a$b$c', 'select 1']],
    ['-- listen a;\nselect 1', ['select 1']],
    ['/* one /* two; */ ; */ select 1 /* ; */', ['select 1 /* ; */']],
    ['select 4 - 2 / 1; select 1', ['select 4 - 2 / 1', 'select 1']],
    ["select 'never closed; select 1", ["select 'never closed; select 1"]],
  ])('%j', (sql, statements) => {
    expect(splitStatements(sql)).toEqual(statements);
  });

  it('never fails and loses no statement of plain words', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    fc.assert(
      fc.property(fc.array(fc.array(word, { minLength: 1 }), { minLength: 1 }), (statements) => {
        const texts = statements.map((words) => words.join(' '));
        expect(splitStatements(texts.join(';'))).toEqual(texts);
      }),
    );
    fc.assert(fc.property(fc.string(), (sql) => void splitStatements(sql)));
  });
});

describe('the leading words of a statement', () => {
  it('are lower case and skip comments', () => {
    expect(leadingWords('SET /* for now */ Local\n-- really\nrole x', 3)).toEqual(['set', 'local', 'role']);
  });

  it('end where something else begins', () => {
    expect(leadingWords('set (a)', 3)).toEqual(['set']);
    expect(leadingWords('(select 1)', 1)).toEqual([]);
  });
});
