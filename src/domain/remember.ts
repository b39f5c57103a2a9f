/** Puts an entry into a map that holds `most`, and forgets the one that came first when there are more. Returns the value. */
export function remember<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): Value {
  map.set(key, value);
  if (map.size > most) {
    const [first] = map.keys();
    if (first !== undefined) map.delete(first);
  }
  return value;
}
