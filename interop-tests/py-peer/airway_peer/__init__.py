"""A contact of Airway agents on py-libp2p."""
