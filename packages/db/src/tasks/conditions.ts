export { hasList } from '../lists/conditions.ts';
export { hasVersion, isPresent, readRevision } from '../writes/conditions.ts';

export interface TaskKey {
  userId: string;
  id: string;
}
