import type { Profile } from '../../../../../src-contract/index.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../../ui/DetailRow.tsx';
import { bytes, fullTime } from '../../../../ui/format.ts';

/** Where the memory of a profile is that connects to nothing. */
export function PlaceFacts({ profile }: { profile: Exclude<Profile, { kind: 'remote' }> }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 border-line border-t pt-4">
      <DetailRow name="Database">Embedded, on this computer</DetailRow>
      {profile.kind === 'copy' && (
        <>
          <DetailRow name="Copied from">{visibleText(profile.source)}</DetailRow>
          <DetailRow name="Taken">{fullTime(profile.taken_at)}</DetailRow>
          {profile.bytes !== null && <DetailRow name="Size">{bytes(profile.bytes)}</DetailRow>}
        </>
      )}
    </dl>
  );
}
