/** Our own archive, as an export writes it: everything comes back as it was. */
import { ArchiveSink, looksLikeArchive } from '../archive/archive-sink.ts';
import type { Importer } from './importer.ts';

export const archonImporter: Importer = {
  kind: 'archon',
  title: 'Archon archive (.archon.gz)',
  needs_user: false,
  sniff: (records) => (looksLikeArchive(records) ? 1 : 0),
  open: (context, state) => new ArchiveSink(context, state),
};
